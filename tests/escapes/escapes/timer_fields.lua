-- The fields of a timer's handle changed to values that are no times.
-- load: ok|error
-- event: ok|error
for _, value in ipairs { 0 / 0, 1 / 0, -1 / 0, "x", {}, true, 1 << 62 } do
  local t = mall.after(0.05, function() end)
  pcall(function() t.due = value end)
  pcall(function() t.period = value end)
  pcall(function() t.owner = value end)
end
