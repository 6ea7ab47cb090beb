"""The official SDK and ossign, given the same cases under one frozen clock."""
