-- What is known of a prompt's sound; null for those of before.
alter table prompt
  -- LUFS, as it came and as it is played; null as well: too quiet for the measure.
  add column loudness_before real,
  add column loudness_after real,
  -- Pairs of signed bytes, lowest and highest sample of equal parts (src/telephony/audio/waveform.ts).
  add column waveform bytea;

-- What was done to the upload; nothing, until now.
alter table voice_file
  add column is_normalized boolean not null default false,
  add column is_trimmed boolean not null default false;
alter table voice_file
  alter column is_normalized drop default,
  alter column is_trimmed drop default;
