-- Owners of timers that are none.
-- load: ok
-- event: ok
for _, owner in ipairs { 1, "x", {}, mall, print, true } do
  if pcall(mall.after, 1, function() end, owner) then
    mall.log "ESCAPED owner"
  end
end
