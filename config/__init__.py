"""What we listen to and what we care about: typed, closed, explained."""
