"""The desk: what staff see and do. Reads what nights, dispatch and the store hold; decides nothing that they do not decide."""
