"""The tab that tests: a region covered, what the model says then, and the same patch elsewhere for comparison."""
