# A mocked apply: everything can be created in one go, and the outputs people need exist.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "global"
  source = "./tests/mocks"
}

variables {
  artifacts_folder = "tests/fixtures/dist"
  alert_email      = "quality@hospital.example"
}

run "apply_gives_the_names_people_need" {
  command = apply

  assert {
    condition     = output.raw_bucket != "" && output.lake == "s3://metriccare-lake-123456789012-dev"
    error_message = "Senders and readers need the buckets."
  }

  assert {
    condition     = output.jobs == ["metriccare_bronze_job_dev", "metriccare_silver_job_dev", "metriccare_gold_job_dev"]
    error_message = "The jobs are named by layer and workspace, in the order they run."
  }

  assert {
    condition     = output.upkeep_job == "metriccare_upkeep_job_dev" && output.upkeep_operator_policy != ""
    error_message = "The command finds the upkeep job by the lake's workspace."
  }

  assert {
    condition     = output.databases.publish == "metriccare_publish_dev"
    error_message = "A BI tool needs the publish database."
  }

  assert {
    condition     = output.warning == ""
    error_message = "With an address there is nothing to warn of."
  }
}
