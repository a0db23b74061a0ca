"""Pages about goods: the farmer's own, and the reviewer's."""
