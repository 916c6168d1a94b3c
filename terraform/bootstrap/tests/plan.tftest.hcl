# What the bootstrap refuses, and what it makes, without an account.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  github_repository    = "hospital/metriccare"
  github_owner_id      = "1111"
  github_repository_id = "2222"
}

run "both_forms_of_the_subject_are_trusted_exactly" {
  command = plan

  assert {
    condition = toset(local.apply_subjects["prod"]) == toset([
      "repo:hospital/metriccare:environment:prod",
      "repo:hospital@1111/metriccare@2222:environment:prod",
    ])
    error_message = "A job of the environment prod names itself in one of two forms."
  }

  assert {
    condition     = !strcontains(join(" ", concat(local.plan_subjects, flatten(values(local.apply_subjects)))), "*")
    error_message = "No subject has a wildcard."
  }

  assert {
    condition     = toset(keys(output.deployments)) == toset(["dev", "prod"]) && output.deployments.dev.account == "123456789012"
    error_message = "The workflows need account, region, bucket and roles of each workspace."
  }

  assert {
    condition     = length(aws_lakeformation_data_lake_settings.this) == 0
    error_message = "The account's settings belong to somebody else unless asked for."
  }
}

run "enterprise_server_has_names_only" {
  command = plan

  variables {
    github_owner_id      = null
    github_repository_id = null
    workspaces           = ["dev"]
  }

  assert {
    condition     = local.apply_subjects == { dev = ["repo:hospital/metriccare:environment:dev"] }
    error_message = "Without numbers only the name is trusted, and only of the workspaces asked for."
  }
}

run "one_number_without_the_other_is_refused" {
  command = plan

  variables {
    github_owner_id = null
  }

  expect_failures = [var.github_repository_id]
}

run "account_settings_keep_the_administrators_that_are_named" {
  command = plan

  variables {
    owns_account_settings = true
    data_lake_admins      = ["arn:aws:iam::123456789012:role/admin"]
  }

  assert {
    condition     = aws_lakeformation_data_lake_settings.this[0].admins == toset(["arn:aws:iam::123456789012:role/admin"])
    error_message = "The call replaces the list, so it must be given."
  }
}

run "an_account_without_options_gives_no_rights_for_them" {
  command = plan

  assert {
    condition     = length(aws_iam_policy.plan_options) + length(aws_iam_policy.apply_options) + length(aws_iam_policy.apply_serving) == 0
    error_message = "Rights for options are asked for by name."
  }
}

run "options_are_rights_of_their_own" {
  command = plan

  variables {
    options            = ["data_events", "private_network", "serving"]
    raw_replica_region = "us-west-2"
    data_key_arns      = ["arn:aws:kms:us-east-1:999999999999:key/99999999-2222-3333-4444-555555555555"]
    workspaces         = ["dev"]
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.plan_options) + length(aws_iam_role_policy_attachment.plan_serving) == 2 && keys(aws_iam_role_policy_attachment.apply_serving)[0] == "dev" && keys(aws_iam_role_policy_attachment.apply_options)[0] == "dev"
    error_message = "The plan role reads what the apply role of a workspace makes."
  }
}

run "what_the_stack_does_not_know_is_refused" {
  command = plan

  variables {
    github_owner_id       = "hospital"
    workspaces            = ["dev", "staging"]
    options               = ["peering"]
    owns_account_settings = true
  }

  expect_failures = [var.github_owner_id, var.workspaces, var.options, var.data_lake_admins]
}
