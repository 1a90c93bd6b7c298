"""The sample sources, and the main job run on them."""
