"""Builds, serves and measures the project. Nothing in here is published."""
