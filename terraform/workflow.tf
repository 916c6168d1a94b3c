module "workflow" {
  source = "./modules/glue_workflow"

  name        = local.workflow_name
  description = "Takes waiting files through to the published measures"
  job_names   = local.job_names
}
