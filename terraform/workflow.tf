module "workflow" {
  source = "./modules/glue_workflow"

  name        = local.workflow_name
  description = "Processes waiting files up to the published measures"
  job_names   = local.job_names
}
