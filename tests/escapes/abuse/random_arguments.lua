-- Arguments of mall.random that are none.
-- load: ok
-- event: ok
for _, n in ipairs { 0, -1, 0 / 0, 1 / 0, 1.5, "x", {}, 1 << 62 } do
  if pcall(mall.random, n) then
    mall.log("ESCAPED random " .. tostring(n))
  end
end
