resource "aws_glue_catalog_database" "this" {
  name         = var.name
  description  = var.description
  location_uri = var.location
}

# Hudi copy-on-write tables. The writing job registers the partitions, one per tenant.
resource "aws_glue_catalog_table" "table" {
  for_each = var.tables

  database_name = aws_glue_catalog_database.this.name
  name          = each.key
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL       = "TRUE"
    classification = "parquet"
    # Athena's reader of Hudi 0.15; without it Athena falls back to 0.14.
    athena_enable_native_hudi_connector_implementation = "true"
  }

  partition_keys {
    name    = each.value.partition.name
    type    = each.value.partition.type
    comment = each.value.partition.comment
  }

  storage_descriptor {
    location      = "${var.location}/${each.key}"
    input_format  = "org.apache.hudi.hadoop.HoodieParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# A view as Athena stores it: its definition as base64 JSON with typed columns.
resource "aws_glue_catalog_table" "view" {
  for_each = var.views

  database_name      = aws_glue_catalog_database.this.name
  name               = each.key
  description        = each.value.description
  table_type         = "VIRTUAL_VIEW"
  view_expanded_text = "/* Presto View */"
  view_original_text = format("/* Presto View: %s */", base64encode(jsonencode({
    originalSql = each.value.sql
    catalog     = "awsdatacatalog"
    schema      = aws_glue_catalog_database.this.name
    columns     = [for column in each.value.columns : { name = column.name, type = column.trino }]
  })))

  parameters = {
    presto_view = "true"
    comment     = "Presto View"
  }

  storage_descriptor {
    ser_de_info {
      name                  = "-"
      serialization_library = "-"
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name = columns.value.name
        type = columns.value.hive
      }
    }
  }

  depends_on = [aws_glue_catalog_table.table]
}
