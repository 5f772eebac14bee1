"""The client's methods, grouped as Fullscript's reference groups its endpoints."""
