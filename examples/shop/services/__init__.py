"""The services: one router each, none of which knows another."""
