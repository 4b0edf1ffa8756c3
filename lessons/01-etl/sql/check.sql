-- Every row with every reason against it. No reason: NULL.
SELECT
  lead_id,
  created,
  updated_at,
  revision,
  source,
  country,
  industry,
  company_id,
  employees,
  budget,
  visits,
  minutes_on_site,
  emails_opened,
  days_since_contact,
  converted,
  notes,
  nullif(concat_ws(',',
    CASE WHEN lead_id IS NULL THEN 'missing-id' END,
    CASE WHEN created IS NULL OR updated_at IS NULL
      THEN 'impossible-date' END,
    CASE WHEN CAST(created AS TIMESTAMP) > updated_at
      THEN 'created-after-update' END,
    CASE WHEN employees < 0 THEN 'negative-employees' END,
    CASE WHEN budget IS NULL AND budget_text IS NOT NULL
      THEN 'unreadable-budget' END,
    CASE WHEN visits < 0 THEN 'negative-visits' END,
    CASE WHEN employees IS NULL AND employees_text IS NOT NULL
           OR visits IS NULL AND visits_text IS NOT NULL
           OR minutes_on_site IS NULL AND minutes_text IS NOT NULL
           OR emails_opened IS NULL AND emails_text IS NOT NULL
           OR days_since_contact IS NULL AND days_text IS NOT NULL
      THEN 'unreadable-number' END,
    CASE WHEN converted IS NULL AND converted_text IS NOT NULL
      THEN 'unreadable-label' END
  ), '') AS reasons,
  -- what the file said, for whoever has to mend it
  CASE WHEN reasons IS NOT NULL THEN concat_ws(' | ',
    'created=' || created_text,
    'budget=' || budget_text,
    'employees=' || employees_text,
    'visits=' || visits_text,
    'minutes_on_site=' || minutes_text,
    'emails_opened=' || emails_text,
    'days_since_contact=' || days_text,
    'converted=' || converted_text
  ) END AS original
FROM clean
