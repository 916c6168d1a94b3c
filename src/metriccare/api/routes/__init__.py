"""The API's endpoints, one file for each subject."""
