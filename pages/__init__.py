"""One file a screen: widgets and their order, no more."""
