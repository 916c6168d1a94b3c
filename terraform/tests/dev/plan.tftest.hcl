# What a plan of dev must say, without an account.

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

# One plan for all of it: planning is what takes the time.
run "a_plan_of_dev_says_what_it_must" {
  command = plan

  assert {
    condition     = module.workflow.triggers[0].type == "ON_DEMAND" && !module.workflow.triggers[0].enabled
    error_message = "An enabled ON_DEMAND trigger starts the workflow when it is created."
  }

  assert {
    condition     = [for trigger in module.workflow.triggers : trigger.starts] == local.job_names
    error_message = "Bronze, silver and gold must follow each other."
  }
  assert {
    condition     = alltrue([for job in module.job : job.runtime.glue_version == "5.0" && job.runtime.max_concurrent_runs == 1])
    error_message = "Glue 5.0 is the newest that ships Hudi 0.15.0, and the lake has one writer."
  }

  assert {
    condition = alltrue([
      for job in module.job :
      job.arguments["--job-bookmark-option"] == "job-bookmark-disable" && job.arguments["--datalake-formats"] == "hudi"
    ])
    error_message = "The tracking table is the bookmark; Hudi comes from Glue."
  }

  assert {
    condition     = alltrue([for job in module.job : !strcontains(jsonencode(job.arguments), "fs.s3.impl")])
    error_message = "fs.s3.impl is never set on Glue."
  }

  assert {
    condition     = alltrue([for job in module.job : strcontains(job.arguments["--conf"], "spark.serializer=org.apache.spark.serializer.KryoSerializer")])
    error_message = "Hudi needs Kryo, set before the session starts."
  }

  assert {
    condition     = alltrue([for job in module.job : job.arguments["--python-modules-installer-option"] == "--no-index --no-deps"])
    error_message = "No package index may be asked at run time."
  }

  assert {
    condition     = module.job["gold"].log_groups.error == "/metriccare/dev/jobs/metriccare_jobs_dev-role/metriccare_gold_job_dev/error"
    error_message = "Under a security configuration Glue writes to groups of this name; others would have no retention."
  }

  assert {
    condition     = alltrue([for job in module.job : !contains(keys(job.arguments), "--settings")])
    error_message = "Without a settings file the defaults hold."
  }

  assert {
    condition     = !contains([for trigger in module.workflow.triggers : trigger.starts], "metriccare_upkeep_job_dev")
    error_message = "Only a person starts an erasure, a replay, a redrive or a rollback."
  }

  assert {
    condition     = jsondecode(module.job_ended.event_pattern).detail.jobName == concat(local.job_names, ["metriccare_upkeep_job_dev"])
    error_message = "The alert topic hears of every job that ends, the upkeep job included."
  }

  assert {
    condition = (
      local.function_environment.METRICCARE_UPKEEP_JOB == "metriccare_upkeep_job_dev" &&
      !strcontains(local.function_environment.METRICCARE_JOBS, "upkeep")
    )
    error_message = "The functions report the upkeep job and never start it."
  }

  assert {
    condition     = module.upkeep_job.arguments["--pipeline"] == "metriccare_pipeline_workflow_dev" && endswith(module.upkeep_job.arguments["--results"], "/operators/")
    error_message = "The upkeep job empties the operators' query results and starts the pipeline for files that waited."
  }

  assert {
    condition     = module.upkeep_job.runtime.max_concurrent_runs == 1 && module.upkeep_job.runtime.execution_class == "STANDARD"
    error_message = "The lake has one writer, and a person waits for this job."
  }

  assert {
    condition     = sort(keys(module.database)) == sort(["bronze", "silver", "gold", "publish"])
    error_message = "Gold and publish are databases of their own."
  }

  assert {
    condition     = !strcontains(jsonencode(local.lake_root), "s3a://") && startswith(local.lake_root, "s3://")
    error_message = "Athena drops s3a:// partitions silently."
  }
  assert {
    condition     = aws_sqs_queue.uploads.visibility_timeout_seconds >= 6 * local.register_timeout_seconds + aws_lambda_event_source_mapping.uploads.maximum_batching_window_in_seconds
    error_message = "A message must stay hidden for six times the function's timeout plus the window."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.uploads.redrive_policy).maxReceiveCount >= 5
    error_message = "Throttling must not send messages to the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.uploads_dead.message_retention_seconds == 14 * 24 * 3600
    error_message = "The dead-letter queue keeps messages for 14 days."
  }

  assert {
    condition     = contains(aws_lambda_event_source_mapping.uploads.function_response_types, "ReportBatchItemFailures")
    error_message = "One bad message must fail alone."
  }
  assert {
    condition     = length(module.run_small) == 0 && output.small_run == null && !contains(keys(local.function_environment), "METRICCARE_SMALL_RUN")
    error_message = "Unless a workspace asks for small runs, the workflow does everything."
  }

  assert {
    condition = alltrue([
      for name in ["uploads", "uploads_dead", "events_dead"] :
      { uploads = aws_sqs_queue.uploads.name, uploads_dead = aws_sqs_queue.uploads_dead.name, events_dead = aws_sqs_queue.events_dead.name }[name] == local.names[name]
      ]) && module.upkeep_job.name == local.names.jobs["upkeep"] && module.tracking.name == local.names.tracking_table && {
      bi        = module.bi_workgroup.name
      operators = module.operators_workgroup.name
      } == {
      bi        = local.names.bi_workgroup
      operators = local.names.operators_workgroup
    }
    error_message = "Policies speak of resources by these names."
  }

  assert {
    condition     = aws_iam_role.bi_reader.permissions_boundary == "arn:aws:iam::123456789012:policy/metriccare_terraform_boundary_dev"
    error_message = "Every role is under the boundary of its workspace."
  }

  assert {
    condition     = alltrue([for job in module.job : job.arguments["--additional-python-modules"] == "s3://metriccare-artifacts-123456789012-dev/kept/mocked.gluewheels.zip"])
    error_message = "Jobs install the copy of the bundle, which the next apply does not remove."
  }

  assert {
    condition = alltrue([
      for job in module.job :
      !strcontains(job.arguments["--conf"], "kryo.registrator") && job.arguments["--edition"] == local.edition && job.arguments["--region"] == "us-east-1"
    ])
    error_message = "An executor starts before Hudi's registrator is there; a job knows its bundle and its region."
  }

  assert {
    condition     = length(setintersection(flatten([for job in module.job : keys(job.arguments)]), ["--enable-metrics", "--enable-observability-metrics", "--enable-continuous-cloudwatch-log"])) == 0
    error_message = "Glue's own metrics want a GlueContext, and Glue 5 logs without being asked."
  }

  assert {
    condition     = module.monitoring.summary.name == "metriccare_pipeline_unhealthy_dev"
    error_message = "One alarm says whether anything is wrong."
  }

  assert {
    condition     = module.monitoring.summary.rule == join(" OR ", [for name in sort(module.monitoring.alarm_names) : "ALARM(\"${name}\")"])
    error_message = "It is on while any other is."
  }

  assert {
    condition     = strcontains(output.warning, "nobody gets an alert")
    error_message = "A missing alert address must be said."
  }

  assert {
    condition     = length(module.private_network) == 0 && length(aws_glue_connection.network) == 0 && length(module.notify.subnet_ids) == 0
    error_message = "A network costs money, so it must be asked for."
  }

  assert {
    condition     = length(module.canary) + length(module.close_month) + length(aws_s3_bucket_replication_configuration.raw) + length(aws_cloudtrail.this) + length(local.audit_queries) + length(module.static_site) + length(module.serve) == 0
    error_message = "Copies and trails cost money, so they must be asked for."
  }

  assert {
    condition     = join(",", local.data_key_arns) == module.data_key.arn
    error_message = "The stack's own key is the key of the data."
  }
}

run "small_runs_and_settings_reach_every_job" {
  command = plan

  variables {
    small_runs      = true
    settings_file   = "tests/fixtures/settings/metriccare.toml"
    measures_folder = "tests/fixtures/settings"
  }

  assert {
    condition     = output.small_run == "metriccare_run_small_dev" && local.function_environment.METRICCARE_SMALL_RUN == output.small_run
    error_message = "The functions that start runs know the one for small runs."
  }

  assert {
    condition     = module.run_small["this"].machine == { memory = 10240, disk = 8192, at_once = 1, snapshots = false } && module.run_small["this"].timeout_seconds == 900
    error_message = "One call at a time, with all the memory and time there is."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.run_small["this"].maximum_retry_attempts == 0
    error_message = "A call that was killed is not tried again: the workflow takes over."
  }

  assert {
    condition     = jsondecode(module.small_run_ended["this"].event_pattern).source == ["lambda"] && length(jsondecode(module.small_run_ended["this"].event_pattern)["detail-type"]) == 2
    error_message = "Its end is reported, whichever it was."
  }

  assert {
    condition     = startswith(module.deployed_files.locations[local.small_package_key], "s3://")
    error_message = "A package of more than 50 MB has to lie in S3."
  }

  assert {
    condition     = length(setsubtract(["metriccare_run_small_errors_dev", "metriccare_small_run_unreported_dev"], module.monitoring.alarm_names)) == 0
    error_message = "A call that was killed, and one that nobody heard of, are alarms."
  }

  assert {
    condition = sort([for key in keys(local.deployed_files) : trimprefix(key, local.settings_prefix) if startswith(key, "settings/")]) == sort([
      "/codes/infections.json",
      "/metriccare.toml",
      "/predictions.json",
    ])
    error_message = "The settings file and the .json and .csv files of its measures are deployed, in the places it names them by."
  }

  assert {
    condition = alltrue([
      for job in merge(module.job, { upkeep = module.upkeep_job }) :
      endswith(job.arguments["--settings"], "/${local.settings_prefix}/metriccare.toml") && !contains(keys(job.arguments), "--extra-files")
    ])
    error_message = "Every job gets the location of its settings."
  }
}

run "a_secret_that_the_boundary_does_not_admit_is_refused" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    slack_secret_name = "team/slack"
  }

  expect_failures = [terraform_data.guard]
}

run "a_missing_package_is_named" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    artifacts_folder = "tests/fixtures/nowhere"
  }

  expect_failures = [terraform_data.guard]
}

run "a_folder_without_measures_is_refused" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    settings_file   = "tests/fixtures/settings/metriccare.toml"
    measures_folder = "tests/fixtures/nowhere"
  }

  expect_failures = [terraform_data.guard]
}

run "a_missing_settings_file_is_named" {
  command = plan

  plan_options {
    target = [terraform_data.guard]
  }

  variables {
    settings_file = "tests/fixtures/nowhere.toml"
  }

  expect_failures = [terraform_data.guard]
}

run "an_address_that_is_none_an_alias_and_a_day_not_every_month_has_are_refused" {
  command = plan

  variables {
    alert_email  = "quality at hospital"
    data_key_arn = "arn:aws:kms:us-east-1:123456789012:alias/hospital"
    close_day    = 27
  }

  expect_failures = [var.alert_email, var.data_key_arn, var.close_day]
}
