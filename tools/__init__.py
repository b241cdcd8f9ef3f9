"""What builds, serves and measures the project; none of it ships."""
