"""The practice app: what a partner already has, and how little has to be added to it for Fullscript."""
