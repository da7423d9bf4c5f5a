/* SPDX-License-Identifier: Apache-2.0 */
/* The FileDescriptorSet of every service, for reflection, the JSON mapping and
 * the authorisation matrix. Declared in wire/descriptors.h. */
    .section .rodata
    .global cpts_descriptors
    .global cpts_descriptors_end
    .hidden cpts_descriptors
    .hidden cpts_descriptors_end
    .balign 16
cpts_descriptors:
    .incbin "descriptors.fds"
cpts_descriptors_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
