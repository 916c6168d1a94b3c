# What a workspace can have besides: every option turned on in one of the runs. All are off in
# plan.tftest.hcl. A run costs six processor seconds, so options that do not touch share one.

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
}

run "copies_a_trail_a_given_key_and_what_serves_stand_beside_each_other" {
  command = plan

  variables {
    raw_replica_region = "us-west-2"
    data_events        = true
    data_key_arn       = "arn:aws:kms:us-east-1:999999999999:key/99999999-2222-3333-4444-555555555555"
    has_budget         = false
    serving            = true
    web_acl            = true
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.raw["this"].rule[0].source_selection_criteria[0].sse_kms_encrypted_objects[0].status == "Enabled"
    error_message = "Uploads are encrypted by KMS, and S3 copies those only when asked to."
  }

  assert {
    condition     = output.buckets.raw-replica == "metriccare-raw-replica-123456789012-dev" && aws_iam_role.replica["this"].permissions_boundary == local.boundary_arn
    error_message = "The copies have a bucket of their own, and the role that makes them is under the boundary."
  }

  assert {
    condition = one([
      for field in tolist(aws_cloudtrail.this["this"].advanced_event_selector)[0].field_selector : join(",", field.starts_with) if field.field == "resources.ARN"
    ]) == "arn:aws:s3:::metriccare-raw-123456789012-dev/,arn:aws:s3:::metriccare-lake-123456789012-dev/"
    error_message = "Uploads and the lake are recorded, and nothing else is paid for."
  }

  assert {
    condition     = strcontains(local.audit_queries.who_read_an_object.query, "metriccare_audit_dev.data_events") && output.buckets.trail == "metriccare-trail-123456789012-dev"
    error_message = "Who read an object is a saved query over the trail's files."
  }

  assert {
    condition     = aws_glue_catalog_table.data_events["this"].parameters["storage.location.template"] == "s3://metriccare-trail-123456789012-dev/AWSLogs/123456789012/CloudTrail/us-east-1/$${day}"
    error_message = "Athena finds a day's files by the folder CloudTrail writes."
  }

  assert {
    condition     = local.data_key_arn == var.data_key_arn && aws_s3_object.release.kms_key_id == var.data_key_arn
    error_message = "What is written is under the given key."
  }

  assert {
    condition     = join(",", local.data_key_arns) == "${var.data_key_arn},${module.data_key.arn}"
    error_message = "What was written before stays readable."
  }

  assert {
    condition     = length(aws_budgets_budget.this) == 0
    error_message = "The budget can be left out."
  }

  assert {
    condition     = output.serving.address == "https://d111111abcdef8.cloudfront.net" && startswith(output.serving.issuer, "https://cognito-idp.us-east-1.amazonaws.com/")
    error_message = "People need the address and who signs them in."
  }

  assert {
    condition = jsonencode(module.static_site["this"].behaviors) == jsonencode([
      for pattern in ["/auth/*", "/beacon.json", "/fhir/*", "/health/*", "/openapi.json", "/problems/*", "/v1/*", "*"] : { origin = pattern == "*" ? "page" : "api", pattern = pattern }
    ])
    error_message = "Pages and API have one address; the rest is the page."
  }

  assert {
    condition     = module.serve["serve_published"].machine.snapshots && module.serve["serve_published"].live.alias == "live" && module.serve["make_export"].live == null
    error_message = "Answers come from a version with a snapshot."
  }

  assert {
    condition     = aws_iam_role.published_reader["this"].permissions_boundary == local.boundary_arn && length(module.web_acl) == 1
    error_message = "The reader's role is under the boundary, and the web ACL was asked for."
  }

  assert {
    condition     = length(setsubtract(["metriccare_serve_published_errors_dev", "metriccare_make_export_errors_dev"], module.monitoring.alarm_names)) == 0
    error_message = "A function that fails is an alarm."
  }
}

run "copies_are_removed_while_their_region_is_still_named" {
  command = plan

  variables {
    raw_replica_region = "us-west-2"
    keeps_raw_replica  = false
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.raw) + length(module.replica_bucket) + length(module.replica_key) == 0 && !contains(keys(output.buckets), "raw-replica")
    error_message = "What the option made goes, and the provider still knows where it is."
  }
}

run "the_region_of_the_uploads_is_no_second_one" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    raw_replica_region = "us-east-1"
  }

  expect_failures = [terraform_data.guard]
}

run "a_private_network_holds_every_job_and_function" {
  command = plan

  variables {
    private_network = true
    small_runs      = true
    canary          = true
    close_day       = 5
  }

  assert {
    condition     = jsonencode(module.private_network["this"].endpoints) == jsonencode({ gateway = ["dynamodb", "s3"], interface = ["glue", "kms", "lambda", "logs", "sns", "sts"] })
    error_message = "What jobs and functions call has an endpoint, and nothing else has."
  }

  assert {
    condition = alltrue([
      for function in concat([module.keep_bundle, module.notify, module.register_files, module.sweep], values(module.run_small), values(module.canary), values(module.close_month)) :
      length(function.subnet_ids) == 2
    ])
    error_message = "Every function runs in the network."
  }

  assert {
    condition     = alltrue([for job in concat(values(module.job), [module.upkeep_job]) : join(",", job.connections) == "metriccare_network_0_dev,metriccare_network_1_dev"])
    error_message = "Every job runs in the network, in either zone."
  }

  assert {
    condition = sort(local.network_roles) == sort(concat(
      values(module.job)[*].name,
      [for module in [module.upkeep_job, module.keep_bundle, module.notify, module.register_files, module.sweep, module.run_small["this"], module.canary["this"], module.close_month["this"]] : module.name],
    ))
    error_message = "The buckets know every role that works inside, and no other: people and Terraform call from outside."
  }

  assert {
    condition     = module.canary["this"].name == "metriccare_canary_dev" && length(module.canary_schedule) == 1
    error_message = "A function on a schedule sends it."
  }

  assert {
    condition     = length(setsubtract(["metriccare_canary_late_dev", "metriccare_canary_errors_dev"], module.monitoring.alarm_names)) == 0
    error_message = "An upload that is not published, and a function that fails, are alarms."
  }

  assert {
    condition     = local.canary_hours == 37 && contains(local.network_roles, "metriccare_canary_dev") && length(module.canary["this"].subnet_ids) == 2
    error_message = "In dev a file may wait for 12 hours; the function runs where all others do."
  }

  assert {
    condition     = module.close_month["this"].name == "metriccare_close_month_dev" && length(module.close_month_schedule) == 1
    error_message = "A function on a schedule starts the close."
  }

  assert {
    condition     = local.closing_hour == 15 && contains(local.network_roles, "metriccare_close_month_dev") && contains(module.monitoring.alarm_names, "metriccare_close_month_errors_dev")
    error_message = "After the daily computation, where all others run, and its failure is an alarm."
  }
}

run "a_given_network_is_used_and_nothing_is_made_in_it" {
  command = plan

  variables {
    private_network = true
    given_network   = { vpc_id = "vpc-given", subnet_ids = ["subnet-a", "subnet-b"], security_group_id = "sg-given" }
  }

  assert {
    condition     = length(module.private_network) == 0 && local.network.vpc_id == "vpc-given" && length(aws_glue_connection.network) == 2
    error_message = "The network's owner makes its endpoints."
  }
}

run "a_network_without_a_way_out_and_slack_are_refused" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    private_network   = true
    slack_secret_name = "metriccare/slack"
  }

  expect_failures = [terraform_data.guard]
}

run "a_given_network_that_is_not_used_is_refused" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    given_network = { vpc_id = "vpc-given", subnet_ids = ["subnet-a"], security_group_id = "sg-given" }
  }

  expect_failures = [terraform_data.guard]
}

run "a_key_of_another_region_is_refused" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    data_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [terraform_data.guard]
}

run "what_serves_and_a_network_without_a_way_out_exclude_each_other" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    serving         = true
    private_network = true
  }

  expect_failures = [terraform_data.guard]
}
