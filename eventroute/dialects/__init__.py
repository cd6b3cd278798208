"""JSON Schema in the words of another dialect: 2020-12, draft-04, OpenAPI 3."""
