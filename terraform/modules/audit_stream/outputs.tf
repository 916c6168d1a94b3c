output "name" {
  description = "Name of the stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "arn" {
  description = "ARN of the stream."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}

output "role_arn" {
  description = "ARN of the role that writes the files."
  value       = aws_iam_role.this.arn
}

output "table" {
  description = "Name of the table over the files."
  value       = aws_glue_catalog_table.this.name
}
