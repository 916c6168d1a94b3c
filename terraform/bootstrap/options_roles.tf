# Policies of their own: a role's inline policies have room for the stack's rights only.
resource "aws_iam_policy" "plan_options" {
  count = local.has_options ? 1 : 0

  name        = "metriccare_terraform_options_plan"
  description = "What the plan role reads of the options of this account"
  policy      = data.aws_iam_policy_document.plan_options.json
}

resource "aws_iam_role_policy_attachment" "plan_options" {
  count = local.has_options ? 1 : 0

  role       = aws_iam_role.plan.name
  policy_arn = aws_iam_policy.plan_options[0].arn
}

resource "aws_iam_policy" "apply_options" {
  for_each = local.has_options ? var.workspaces : toset([])

  name        = "metriccare_terraform_options_apply_${each.key}"
  description = "What the apply role of ${each.key} manages of the options of this account"
  policy      = data.aws_iam_policy_document.apply_options[each.key].json
}

resource "aws_iam_role_policy_attachment" "apply_options" {
  for_each = aws_iam_policy.apply_options

  role       = aws_iam_role.apply[each.key].name
  policy_arn = each.value.arn
}

resource "aws_iam_policy" "plan_serving" {
  count = local.has_serving ? 1 : 0

  name        = "metriccare_terraform_serving_plan"
  description = "What the plan role reads of what is served"
  policy      = data.aws_iam_policy_document.plan_serving.json
}

resource "aws_iam_role_policy_attachment" "plan_serving" {
  count = local.has_serving ? 1 : 0

  role       = aws_iam_role.plan.name
  policy_arn = aws_iam_policy.plan_serving[0].arn
}

resource "aws_iam_policy" "apply_serving" {
  for_each = local.has_serving ? var.workspaces : toset([])

  name        = "metriccare_terraform_serving_apply_${each.key}"
  description = "What the apply role of ${each.key} manages of what is served"
  policy      = data.aws_iam_policy_document.apply_serving[each.key].json
}

resource "aws_iam_role_policy_attachment" "apply_serving" {
  for_each = aws_iam_policy.apply_serving

  role       = aws_iam_role.apply[each.key].name
  policy_arn = each.value.arn
}

locals {
  # Those of `serving` are in policies of their own.
  has_options = length(setsubtract(var.options, ["serving"])) + length(var.data_key_arns) > 0 || var.raw_replica_region != null
}
