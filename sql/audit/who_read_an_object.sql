-- Who read or changed an object of the uploads or the lake, and from where, newest first.
-- Replace both values of the last `where`: the object's key below its bucket (% for any text), and
-- the first day to look at. Athena reads a table's rows from files: a query names its reader, and
-- athena.amazonaws.com as `called_by`.
with

data_events as (
    select
        "day" as event_day,
        eventtime,
        eventname,
        errorcode,
        sourceipaddress,
        vpcendpointid,
        useridentity,
        requestparameters
    from audit.data_events
),

of_objects as (
    select
        data_events.event_day,
        data_events.eventtime as event_time,
        data_events.useridentity.arn as reader,
        data_events.useridentity.invokedby as called_by,
        data_events.eventname as event_name,
        data_events.errorcode as refused_with,
        data_events.sourceipaddress as caller_address,
        data_events.vpcendpointid as caller_endpoint,
        json_extract_scalar(data_events.requestparameters, '$.bucketName') as bucket,
        json_extract_scalar(data_events.requestparameters, '$.key') as object_key
    from data_events
),

final as (
    select
        event_time,
        reader,
        called_by,
        event_name,
        bucket,
        object_key,
        caller_address,
        caller_endpoint,
        refused_with
    from of_objects
    where
        object_key like 'north/%'
        and event_day >= date_format(current_date - interval '7' day, '%Y/%m/%d')
)

select
    event_time,
    reader,
    called_by,
    event_name,
    bucket,
    object_key,
    caller_address,
    caller_endpoint,
    refused_with
from final
order by event_time desc
