"""What Fullscript answers, as frozen records: a module for each part of it."""
