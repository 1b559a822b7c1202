-- Times that are none.
-- load: ok
-- event: ok
for _, t in ipairs { 0 / 0, 1 / 0, -1, "x", {}, 1e308, -0.1, true } do
  if pcall(mall.after, t, function() end) or pcall(mall.every, t, function() end) then
    mall.log("ESCAPED timer " .. tostring(t))
  end
end
if pcall(mall.every, 0, function() end) or pcall(mall.every, 1e-300, function() end) then
  mall.log "ESCAPED every 0"
end
