-- package, its loaders and its paths.
-- load: ok
-- event: ok
for _, name in ipairs {
  "package", "io", "debug", "dofile", "loadfile", "collectgarbage", "python", "lupa", "warn", "module", "setfenv", "getfenv", "loadstring",
  "newproxy", "jit", "ffi", "bit32", "unpack", "eval", "builtins", "K", "env", "configuration",
} do
  if _G[name] ~= nil or _ENV[name] ~= nil or rawget(_G, name) ~= nil then
    mall.log("ESCAPED " .. name)
  end
end
