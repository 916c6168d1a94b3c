output "event_pattern" {
  description = "Pattern of the events the rule passes on; null for a schedule."
  value       = aws_cloudwatch_event_rule.this.event_pattern
}

output "rule_arn" {
  description = "ARN of the rule."
  value       = aws_cloudwatch_event_rule.this.arn
}
