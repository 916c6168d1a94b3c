output "locations" {
  description = "`s3://` location of each file, by object key."
  value       = { for key, object in aws_s3_object.this : key => "s3://${object.bucket}/${object.key}" }
}
