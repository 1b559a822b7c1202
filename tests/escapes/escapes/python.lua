-- lupa's own table and functions.
-- load: ok
-- event: ok
for _, name in ipairs { "python", "lupa", "py", "builtins", "__builtins__", "import", "as_attrgetter", "eval", "none" } do
  if _G[name] ~= nil or load("return " .. (name:gsub("%W", "_")))() ~= nil then
    mall.log("ESCAPED " .. name)
  end
end
