"""The Wellbeing page: locked first, one question at a time, one's own figures, sharing line by line."""
