"""`ossign presign --keys`: one URL for each key of a file, in constant memory."""
