# Run in a workspace that is neither dev nor prod: nothing may be planned.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "replica"
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "global"
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  artifacts_folder = "tests/fixtures/dist"
  alert_email      = "quality@hospital.example"
}

run "another_workspace_is_refused" {
  command = plan

  expect_failures = [terraform_data.guard]
}
