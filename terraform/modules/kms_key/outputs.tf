output "arn" {
  description = "ARN of the key; known only after its alias exists."
  value       = aws_kms_key.this.arn
}

output "policy" {
  description = "The rendered key policy, for the policy tests."
  value       = data.aws_iam_policy_document.this.json
}
