# Who may take the roles: workflows of one repository, without stored keys. Every subject is exact.

locals {
  owner      = split("/", var.github_repository)[0]
  repository = split("/", var.github_repository)[1]

  # Repositories made, renamed or moved since July 2026 name themselves with GitHub's numbers, older
  # ones and GitHub Enterprise Server without. Neither form can be chosen by somebody else's repository.
  subject_prefixes = concat(
    ["repo:${var.github_repository}"],
    var.github_repository_id == null ? [] : [
      "repo:${local.owner}@${var.github_owner_id}/${local.repository}@${var.github_repository_id}",
    ],
  )

  plan_subjects = [
    for pair in setproduct(local.subject_prefixes, ["pull_request", "ref:refs/heads/main"]) : join(":", pair)
  ]

  # Only a job in the environment of the workspace, behind its approval.
  apply_subjects = {
    for workspace in var.workspaces : workspace => [for prefix in local.subject_prefixes : "${prefix}:environment:${workspace}"]
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = merge({ plan = local.plan_subjects }, local.apply_subjects)

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = each.value
    }
  }
}
