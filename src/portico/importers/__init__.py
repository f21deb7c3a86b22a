"""What is brought in from elsewhere becomes files of an app."""
