-- Settings and facts of the parcel are read-only, by every way.
-- load: ok
-- event: ok
for _, t in ipairs { mall.settings, mall.parcel } do
  local before = mall.parcel.id
  pcall(function() t.id = 99 end)
  local _, raw = pairs(t)
  if type(raw) == "table" then
    pcall(function() raw.id = 99 end)
    pcall(rawset, raw, "id", 99)
  end
  if mall.parcel.id ~= before then
    mall.log "ESCAPED mall.parcel was written"
    mall.log(tostring(pcall(function() raw.id = before end)))
  end
end
