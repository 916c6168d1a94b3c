locals {
  # The ways to cut the pipeline into jobs, in the order they run. `reads` and `writes` are places
  # below the lake's root; who writes a layer also registers its partitions in the catalog.
  job_layouts = {
    layers = [
      { name = "bronze", reads_raw = true, reads = [], writes = ["bronze"] },
      # Records that silver's rules reject join those of bronze.
      { name = "silver", reads_raw = false, reads = ["bronze"], writes = ["bronze/quarantine", "silver"] },
      { name = "gold", reads_raw = false, reads = ["bronze", "silver"], writes = ["gold", "publish"] },
    ]
    # One start instead of three: cheaper for small hospitals (docs/cost.md).
    single = [
      { name = "pipeline", reads_raw = true, reads = [], writes = local.layers },
    ]
  }
  # Where large jobs keep rows that they need again (src/metriccare/naming.py).
  checkpoints = "_checkpoints"

  job_meaning = {
    bronze   = "Takes waiting files in: exact rows, rejects to quarantine"
    silver   = "Brings the typed resources up to date with bronze"
    gold     = "Computes stays, evidence and measures, judges them by the gates, publishes"
    pipeline = "Takes waiting files through to the published measures"
  }

  # Started by a person, never by the workflow: erasure, replay, redrive and rollback touch every layer.
  upkeep_job = { name = "upkeep", reads_raw = true, reads = [], writes = local.layers }

  # The function for small runs does what the single job does.
  small_run_job = { name = "small_run", reads_raw = true, reads = [], writes = local.layers }

  jobs      = { for job in local.job_layouts[local.workspace.job_layout] : job.name => job }
  job_names = [for job in local.job_layouts[local.workspace.job_layout] : module.job[job.name].name]
  # Whose end is reported: a person may have gone home before the upkeep job fails.
  watched_jobs = concat(local.job_names, [module.upkeep_job.name])

  # The Spark settings the jobs rely on (src/metriccare/engine/spark), and two tasks for each core of the
  # executors: a G.1X worker has four, and one worker is the driver's.
  # Without the registrator: an executor must load its class when it starts, before Glue adds Hudi
  # (apache/hudi#12985). Results do not depend on it.
  spark_settings = merge(
    { for name, value in jsondecode(file("${path.root}/../generated/spark.json")) : name => value if name != "spark.kryo.registrator" },
    { "spark.sql.shuffle.partitions" = tostring(8 * (local.workspace.workers - 1)) },
  )

  # The name is made from the content, so that a job under way keeps the bundle it began with.
  edition    = try(substr(filesha256(local.wheel_bundle), 0, 12), "missing")
  bundle_key = "bundles/metriccare-${local.edition}.gluewheels.zip"

  # Below a folder named by their content, so that a job finds all of one edition or none.
  settings_files = local.settings_file == null ? {} : merge(
    { for name in fileset(coalesce(local.measures_folder, "/nowhere"), "**/*.{csv,json}") : name => "${local.measures_folder}/${name}" },
    { "metriccare.toml" = local.settings_file },
    # Contracts of feeds lie beside the settings file, on a laptop too.
    fileexists("${dirname(local.settings_file)}/feeds.toml") ? { "feeds.toml" = "${dirname(local.settings_file)}/feeds.toml" } : {},
  )
  settings_edition = substr(sha256(jsonencode({ for name, path in local.settings_files : name => try(filesha256(path), "missing") })), 0, 12)
  settings_prefix  = "settings/${local.settings_edition}"
  deployed_files = merge(
    { for name in concat(keys(local.jobs), ["upkeep"]) : "scripts/${name}.py" => "${path.root}/../glue_jobs/${name}.py" },
    { (local.bundle_key) = local.wheel_bundle },
    local.small_runs ? { (local.small_package_key) = local.small_package } : {},
    local.serving ? { (local.serving_package_key) = local.serving_package } : {},
    { for name, path in local.settings_files : "${local.settings_prefix}/${name}" => path },
  )

  job_arguments = merge(
    {
      # The bundle holds every wheel, pinned by hash: no package index is asked at run time.
      "--additional-python-modules"       = local.kept_bundle
      "--python-modules-installer-option" = "--no-index --no-deps"
      "--conf"                            = join(" --conf ", [for name, value in local.spark_settings : "${name}=${value}"])
      "--edition"                         = local.edition
      "--region"                          = local.region
      "--lake"                            = local.lake_root
      "--workspace"                       = terraform.workspace
      "--tracking-table"                  = module.tracking.name
    },
    local.settings_file == null ? {} : { "--settings" = module.deployed_files.locations["${local.settings_prefix}/metriccare.toml"] },
  )
}

module "deployed_files" {
  source = "./modules/upload_scripts"

  bucket      = module.artifacts_bucket.name
  kms_key_arn = local.data_key_arn
  files       = local.deployed_files

  depends_on = [terraform_data.guard]
}

resource "aws_glue_security_configuration" "this" {
  name = "${local.prefix}_jobs${local.suffix}"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = module.log_key.arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = local.data_key_arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = local.data_key_arn
    }
  }
}

locals {
  job_log = {
    group_prefix   = "/${local.prefix}/${terraform.workspace}/jobs"
    retention_days = local.workspace.log_retention_days
    key_arn        = module.log_key.arn
  }
}

module "job" {
  source   = "./modules/glue_job"
  for_each = local.jobs

  name                   = local.names.jobs[each.key]
  description            = local.job_meaning[each.key]
  script_location        = module.deployed_files.locations["scripts/${each.key}.py"]
  arguments              = local.job_arguments
  role                   = { policy = data.aws_iam_policy_document.job[each.key].json, boundary_arn = local.boundary_arn }
  workers                = local.workspace.workers
  execution_class        = local.workspace.execution_class
  timeout_minutes        = local.workspace.job_timeout_minutes
  security_configuration = aws_glue_security_configuration.this.name
  log                    = local.job_log
  connections            = aws_glue_connection.network[*].name
}

module "upkeep_job" {
  source = "./modules/glue_job"

  name            = local.names.jobs["upkeep"]
  description     = "Started by a person: removes one from everywhere, takes files through again or a run back, closes a month"
  script_location = module.deployed_files.locations["scripts/upkeep.py"]
  arguments = merge(local.job_arguments, {
    "--pipeline" = local.workflow_name
    "--results"  = local.operators_results
  })
  role                   = { policy = data.aws_iam_policy_document.upkeep.json, boundary_arn = local.boundary_arn }
  workers                = local.workspace.workers
  execution_class        = "STANDARD" # somebody waits for it
  timeout_minutes        = local.workspace.job_timeout_minutes
  security_configuration = aws_glue_security_configuration.this.name
  log                    = local.job_log
  connections            = aws_glue_connection.network[*].name
}
