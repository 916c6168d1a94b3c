resource "aws_glue_workflow" "this" {
  name                = var.name
  description         = var.description
  max_concurrent_runs = 1
}

# enabled = false, because an enabled ON_DEMAND trigger starts the pipeline at the first apply.
resource "aws_glue_trigger" "start" {
  name          = "${var.name}_start"
  description   = "Starts the workflow when StartWorkflowRun is called"
  type          = "ON_DEMAND"
  enabled       = false
  workflow_name = aws_glue_workflow.this.name

  actions {
    job_name = var.job_names[0]
  }
}

resource "aws_glue_trigger" "after" {
  for_each = { for place, name in slice(var.job_names, 1, length(var.job_names)) : name => var.job_names[place] }

  name          = "${var.name}_${each.key}"
  description   = "Starts ${each.key} when ${each.value} has succeeded"
  type          = "CONDITIONAL"
  enabled       = true
  workflow_name = aws_glue_workflow.this.name

  predicate {
    conditions {
      job_name = each.value
      state    = "SUCCEEDED"
    }
  }

  actions {
    job_name = each.key
  }
}
