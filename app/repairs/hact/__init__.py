"""HACT messages (UK Housing Data Standards, repairs, the v7 schemas): what is sent, and how it is checked."""
