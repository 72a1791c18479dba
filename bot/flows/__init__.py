"""Pure steps: state and what was heard give state, replies and an act."""
