-- Everything of os but the clock.
-- load: ok
-- event: ok
for name in pairs(os) do
  if name ~= "clock" and name ~= "time" then
    mall.log("ESCAPED os." .. name)
  end
end
