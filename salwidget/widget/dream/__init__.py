"""The tab that dreams: images that a target responds to."""
