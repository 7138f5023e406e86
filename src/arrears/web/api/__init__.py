"""The API under `/api/v1`: what other systems of a lender ask and tell. Described by `/api/v1/openapi.json` and docs/reference/api.md."""
