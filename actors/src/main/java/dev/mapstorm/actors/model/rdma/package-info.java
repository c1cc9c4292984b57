/** Memory regions of RDMA devices. */
package dev.mapstorm.actors.model.rdma;
