# What differs in prod, and what prod insists on.

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

run "prod_protects_what_it_holds" {
  command = plan

  assert {
    condition     = !local.workspace.force_destroy && local.workspace.deletion_protection
    error_message = "Prod takes two steps to destroy."
  }

  assert {
    condition     = local.workspace.log_retention_days >= 2190
    error_message = "Prod keeps logs for six years."
  }
}

run "prod_without_an_address_is_refused" {
  command = plan

  variables {
    alert_email = "" # an unset variable of the repository
  }

  expect_failures = [terraform_data.guard]
}
