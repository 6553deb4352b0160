#include "HadalPKCS11.h"

#include <dlfcn.h>
#include <stdio.h>

int hadal_pkcs11_load(const char *path, CK_FUNCTION_LIST **functions, char *problem, unsigned long size) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        snprintf(problem, size, "%s", dlerror());
        return -1;
    }
    CK_RV (*list)(CK_FUNCTION_LIST **) = (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList");
    if (list == NULL) {
        snprintf(problem, size, "%s is no PKCS #11 module: it has no C_GetFunctionList", path);
        dlclose(module);
        return -1;
    }
    CK_RV result = list(functions);
    if (result != 0 || *functions == NULL) {
        snprintf(problem, size, "%s: C_GetFunctionList gave 0x%lx", path, result);
        dlclose(module);
        return -1;
    }
    // The list of a version 3 module begins with that of version 2.40; before 2.0 it was another.
    if ((*functions)->version.major < 2) {
        snprintf(problem, size, "%s speaks PKCS #11 %d.%d; 2.40 is needed", path, (*functions)->version.major,
            (*functions)->version.minor);
        dlclose(module);
        return -1;
    }
    return 0;
}
