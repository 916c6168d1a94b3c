-- Reads: coverage, feed_members, feed_payers, member_record, record. Gives: the person's covers, of
-- FHIR and of the feed of members, whose payer the feed of payers names. Grain: a person.
with covers as (
  select
    tenant, patient_id, id, type_codings, coalesce(type_text, payor_display) as words,
    period_start, period_end, rank, cast(null as string) as payer
  from coverage
  where not deleted
  union all
  select
    m.tenant, r.patient_id,
    concat(m.member_id, '|', m.payer_id, '|', cast(m.coverage_from as string)),
    null, null, cast(m.coverage_from as string), cast(m.coverage_to as string),
    case upper(trim(m.sequence)) when 'S' then 2 when '2' then 2 when 'T' then 3 when '3' then 3
      else 1
    end,
    p.payer_group
  from feed_members m
  join member_record r on m.tenant = r.tenant and m.member_id = r.member_id
  left join feed_payers p
    on m.tenant = p.tenant and m.payer_id = p.payer_id and not p.deleted
  where not m.deleted
)
select
  r.tenant, r.person_id,
  collect_list(
    struct(c.id, c.type_codings, c.words, c.period_start, c.period_end, c.rank, c.payer)
  ) as coverages
from covers c
join record r on c.tenant = r.tenant and c.patient_id = r.patient_id
group by r.tenant, r.person_id
