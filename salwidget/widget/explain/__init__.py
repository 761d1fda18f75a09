"""The tab that explains: maps, class scores, and what follows an answer."""
